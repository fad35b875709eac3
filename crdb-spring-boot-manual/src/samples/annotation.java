abstract class Surroundings {

	record OrderPlaced(UUID id) {
	}

	record Basket(List<String> items) {
	}

	record Order(Amount total) {
	}

	static class Amount {

		boolean isNegative() {
			return false;
		}

	}

	interface Orders {

		Order place(Basket basket);

	}

	Orders orders;

}
