import io.github.crdbspring.test.*;
import org.junit.jupiter.api.Test;

abstract class Surroundings {

	static class TransferService {

		void transfer(UUID from, UUID to, BigDecimal amount) {
		}

	}

}
