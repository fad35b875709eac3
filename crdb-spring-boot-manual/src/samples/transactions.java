abstract class Surroundings {

	JdbcClient jdbc;

	CrdbTransactionTemplate crdbTransactionTemplate;

}
