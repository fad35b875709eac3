abstract class Surroundings {

	CrdbSessions crdbSessions;

}
