import tools.jackson.databind.JsonNode;

abstract class Surroundings {

	record Transfer(UUID id, BigDecimal amount) {
	}

	interface Cache {

		void evict(Object key);

		void clear();

	}

	Cache cache;

	abstract void add(List<ChangeEvent<Transfer>> transfers);

}
