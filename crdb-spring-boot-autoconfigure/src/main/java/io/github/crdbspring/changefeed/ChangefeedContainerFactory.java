package io.github.crdbspring.changefeed;

/**
 * Starts to describe containers, with what the application has configured: properties,
 * JSON mapper, error handler, metrics. For listeners without annotation.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface ChangefeedContainerFactory {

	/**
	 * Start to describe a container.
	 * @param transactionManager the bean name or qualifier of the transaction manager,
	 * empty for the only or primary one
	 * @return a new builder
	 */
	CrdbChangefeedContainer.Builder builder(String transactionManager);

	/**
	 * Start to describe a container on the only or primary transaction manager.
	 * @return a new builder
	 */
	default CrdbChangefeedContainer.Builder builder() {
		return builder("");
	}

}
