import io.github.crdbspring.test.*;
import org.junit.jupiter.api.Test;

class TransferService {

	void transfer(UUID from, UUID to, BigDecimal amount) {
	}

}
