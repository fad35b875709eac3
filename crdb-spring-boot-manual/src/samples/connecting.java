abstract class Surroundings {

	record Account(UUID id, String owner, BigDecimal balance) {
	}

	CrdbReads reads;

	String owner;

	UUID id;

}
