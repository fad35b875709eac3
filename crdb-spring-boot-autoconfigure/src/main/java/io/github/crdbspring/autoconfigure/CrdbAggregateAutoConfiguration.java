package io.github.crdbspring.autoconfigure;

import io.github.crdbspring.data.AggregateUndo;
import io.github.crdbspring.transaction.TransactionAttempt;
import org.postgresql.PGConnection;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.data.relational.core.mapping.RelationalMappingContext;
import org.springframework.data.relational.core.mapping.event.BeforeConvertCallback;
import org.springframework.util.function.SingletonSupplier;

/**
 * Auto-configuration that sets back what an attempt that was rolled back has written into
 * aggregates of Spring Data JDBC.
 *
 * @since 0.1.0
 */
@AutoConfiguration(afterName = "org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration")
@ConditionalOnClass({ BeforeConvertCallback.class, TransactionAttempt.class, PGConnection.class })
@ConditionalOnBean(RelationalMappingContext.class)
@ConditionalOnBooleanProperty(name = "crdb.enabled", matchIfMissing = true)
public final class CrdbAggregateAutoConfiguration {

	@Bean
	AggregateUndo crdbAggregateUndo(ObjectProvider<RelationalMappingContext> mappingContexts) {
		return new AggregateUndo(SingletonSupplier.of(() -> mappingContexts.orderedStream().toList()));
	}

}
