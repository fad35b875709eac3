package io.github.crdbspring.autoconfigure;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import javax.sql.DataSource;

import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionSettings;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.annotation.BeanFactoryAnnotationUtils;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.ResourceTransactionManager;
import org.springframework.util.ClassUtils;

/**
 * Finds, or makes, the template for a transaction manager.
 */
final class CrdbTransactionTemplates {

	private static final boolean JPA_PRESENT = ClassUtils.isPresent("org.springframework.orm.jpa.JpaTransactionManager",
			CrdbTransactionTemplates.class.getClassLoader());

	private final BeanFactory beanFactory;

	private final CrdbTransactionOptions defaults;

	private final Supplier<CrdbTransactionSettings> settings;

	private final Map<String, CrdbTransactionTemplate> templates = new ConcurrentHashMap<>();

	CrdbTransactionTemplates(BeanFactory beanFactory, CrdbTransactionOptions defaults,
			Supplier<CrdbTransactionSettings> settings) {
		this.beanFactory = beanFactory;
		this.defaults = defaults;
		this.settings = settings;
	}

	/**
	 * Find the template for a transaction manager.
	 * @param qualifier the bean name or qualifier of the transaction manager, empty for
	 * the only or primary one
	 */
	CrdbTransactionTemplate get(String qualifier) {
		CrdbTransactionTemplate template = this.templates.get(qualifier);
		if (template == null) {
			template = qualifier.isEmpty() ? findDefault() : find(qualifier);
			this.templates.put(qualifier, template);
		}
		return template;
	}

	private CrdbTransactionTemplate findDefault() {
		CrdbTransactionTemplate template = this.beanFactory.getBeanProvider(CrdbTransactionTemplate.class)
			.getIfUnique();
		if (template == null) {
			throw new NoSuchBeanDefinitionException(CrdbTransactionTemplate.class,
					"@CrdbTransactional needs a single or primary transaction manager, "
							+ "or the name of one in its attribute 'transactionManager'");
		}
		return template;
	}

	private CrdbTransactionTemplate find(String qualifier) {
		PlatformTransactionManager transactionManager = BeanFactoryAnnotationUtils.qualifiedBeanOfType(this.beanFactory,
				PlatformTransactionManager.class, qualifier);
		return this.beanFactory.getBeanProvider(CrdbTransactionTemplate.class)
			.stream()
			.filter((template) -> template.getTransactionManager() == transactionManager)
			.findFirst()
			.orElseGet(() -> create(transactionManager));
	}

	/**
	 * Make a template for a transaction manager, with the properties' defaults.
	 */
	CrdbTransactionTemplate create(PlatformTransactionManager transactionManager) {
		DataSource dataSource = managed(transactionManager);
		return new CrdbTransactionTemplate(transactionManager,
				(dataSource != null) ? dataSource : this.beanFactory.getBean(DataSource.class), this.defaults,
				this.settings.get());
	}

	private static @Nullable DataSource managed(PlatformTransactionManager transactionManager) {
		if (JPA_PRESENT && transactionManager instanceof JpaTransactionManager jpaTransactionManager) {
			return jpaTransactionManager.getDataSource();
		}
		return (transactionManager instanceof ResourceTransactionManager manager
				&& manager.getResourceFactory() instanceof DataSource dataSource) ? dataSource : null;
	}

}
