package io.github.crdbspring.jpa;

import java.util.function.BiConsumer;
import java.util.function.IntConsumer;

/**
 * How a service declares its transaction.
 */
enum Kind {

	CRDB(Service::crdb), SPRING(Service::spring);

	private final BiConsumer<Service, IntConsumer> method;

	Kind(BiConsumer<Service, IntConsumer> method) {
		this.method = method;
	}

	void run(Service service, IntConsumer work) {
		this.method.accept(service, work);
	}

}
