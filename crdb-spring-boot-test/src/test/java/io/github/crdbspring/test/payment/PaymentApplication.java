package io.github.crdbspring.test.payment;

import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * Takes payments.
 */
@SpringBootApplication
class PaymentApplication {

}
