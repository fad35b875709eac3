import jakarta.persistence.EntityManager;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import org.hibernate.cfg.MultiTenancySettings;
import org.hibernate.context.spi.CurrentTenantIdentifierResolver;
import org.hibernate.engine.jdbc.connections.spi.MultiTenantConnectionProvider;
import org.springframework.boot.hibernate.autoconfigure.HibernatePropertiesCustomizer;

abstract class Surroundings {

	record OrderRequest(UUID customer, BigDecimal amount) {
	}

	static class Order {

		private UUID id;

		Order(UUID customer, BigDecimal amount) {
		}

		UUID getId() {
			return this.id;
		}

	}

	interface TenantPools extends MultiTenantConnectionProvider<String> {
	}

	EntityManager entityManager;

}
