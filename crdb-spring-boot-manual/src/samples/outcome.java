abstract class Surroundings {

	record Basket(List<String> items) {
	}

	interface Orders {

		void add(Basket basket);

	}

	Orders orders;

	TransactionOutcomes transactionOutcomes;

}
