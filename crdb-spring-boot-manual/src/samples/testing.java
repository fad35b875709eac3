import io.github.crdbspring.test.*;
import io.github.crdbspring.test.WireProxy.Fault;
import org.junit.jupiter.api.Test;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;
import org.testcontainers.cockroachdb.CockroachContainer;
import org.testcontainers.junit.jupiter.Container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

class OrderService {

	void place(int id) {
	}

	List<String> confirmations() {
		return List.of();
	}

}

class PaymentListener {

}

abstract class Surroundings {

	interface Bank {

		void transfer(UUID from, UUID to, BigDecimal amount);

	}

	interface Payments {

		void receive(int id);

	}

	Bank bank;

	Payments payments;

	UUID from;

	UUID to;

	TransactionAttempts attempts;

	WireProxy proxy;

	static List<Integer> bookings() {
		return List.of();
	}

	abstract void visit(int number);

}
