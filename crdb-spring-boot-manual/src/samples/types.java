abstract class Surroundings {

	record Payload(String text) {
	}

	record Line(String article, int number) {
	}

	record Item(UUID id) {
	}

	JdbcClient jdbc;

	JsonbMapper jsonb;

	UUID id;

	List<UUID> ids;

	Order order;

	record Order(UUID id, Payload payload, List<Line> lines) {
	}

}
