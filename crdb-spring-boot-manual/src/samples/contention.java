abstract class Surroundings {

	record Transfer(UUID source, UUID target, BigDecimal amount) {
	}

	CrdbTransactionTemplate template;

	UUID source;

	UUID target;

}
