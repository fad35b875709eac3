abstract class Surroundings {

	interface SecretStore {

		String current(String name);

	}

}
