package com.example.shop;

import io.github.crdbspring.test.CrdbTest;
import io.github.crdbspring.test.InjectRetries;
import io.github.crdbspring.test.RetrySafety;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.annotation.DirtiesContext.ClassMode;

import static org.assertj.core.api.Assertions.assertThat;

@CrdbTest(properties = "spring.sql.init.mode=always")
@Import(OrderService.class)
@DirtiesContext(classMode = ClassMode.AFTER_EACH_TEST_METHOD)
class OrderServiceTests {

	@Autowired
	private OrderService orders;

	@Test
	@InjectRetries
	void anOrderIsPlacedOnce() {
		this.orders.place(1);
		assertThat(this.orders.confirmations()).containsExactly("confirmed order 1");
	}

	@Test
	void anOrderIsSafeToBeRetried() throws Exception {
		RetrySafety.check(() -> this.orders.place(2));
	}

}
