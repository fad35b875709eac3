package io.github.crdbspring.autoconfigure;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import javax.sql.DataSource;

import io.github.crdbspring.autoconfigure.datasource.UnguardedDataSources;
import io.github.crdbspring.error.UnusableTransactionManagerException;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionSettings;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.beans.factory.annotation.BeanFactoryAnnotationUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.TransactionManagementConfigurer;
import org.springframework.transaction.support.ResourceTransactionManager;
import org.springframework.util.ClassUtils;

/**
 * Finds, or makes, the template for a transaction manager. There is one for each.
 */
final class CrdbTransactionTemplates {

	private static final boolean JPA_PRESENT = ClassUtils.isPresent("org.springframework.orm.jpa.JpaTransactionManager",
			CrdbTransactionTemplates.class.getClassLoader());

	private static final String CHOOSE = "Name the transaction manager of CockroachDB's DataSource in the annotation's "
			+ "attribute 'transactionManager', or make it primary.";

	private final ConfigurableListableBeanFactory beanFactory;

	private final CrdbTransactionOptions defaults;

	private final Supplier<CrdbTransactionSettings> settings;

	private final Map<String, CrdbTransactionTemplate> byQualifier = new ConcurrentHashMap<>();

	private final Map<PlatformTransactionManager, CrdbTransactionTemplate> made = new ConcurrentHashMap<>();

	CrdbTransactionTemplates(ConfigurableListableBeanFactory beanFactory, CrdbTransactionOptions defaults,
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
		CrdbTransactionTemplate template = this.byQualifier.get(qualifier);
		if (template == null) {
			template = qualifier.isEmpty() ? findDefault() : find(qualifier);
			this.byQualifier.put(qualifier, template);
		}
		return template;
	}

	private CrdbTransactionTemplate findDefault() {
		CrdbTransactionTemplate template = findOnly(CrdbTransactionTemplate.class);
		return (template != null) ? template : forManager(require(findChosen()));
	}

	/**
	 * Find the transaction manager of {@code @Transactional} without a name, which an
	 * application may choose in a way of its own.
	 */
	private @Nullable PlatformTransactionManager findChosen() {
		TransactionManagementConfigurer configurer = this.beanFactory
			.getBeanProvider(TransactionManagementConfigurer.class)
			.getIfUnique();
		return (configurer != null
				&& configurer.annotationDrivenTransactionManager() instanceof PlatformTransactionManager chosen)
						? chosen : findOnly(PlatformTransactionManager.class);
	}

	private <T> @Nullable T findOnly(Class<T> type) {
		T only = this.beanFactory.getBeanProvider(type).getIfUnique();
		String[] names = names(type);
		if (only == null && names.length > 0) {
			throw new UnusableTransactionManagerException("There are several beans of type " + type.getSimpleName()
					+ ", none of them primary: " + Arrays.toString(names) + ".", CHOOSE, null);
		}
		return only;
	}

	private static PlatformTransactionManager require(@Nullable PlatformTransactionManager transactionManager) {
		if (transactionManager == null) {
			throw new UnusableTransactionManagerException("There is no bean of type PlatformTransactionManager.",
					"Add one for CockroachDB's DataSource. Spring Boot does so if there is a single or primary DataSource.",
					null);
		}
		return transactionManager;
	}

	private CrdbTransactionTemplate find(String qualifier) {
		PlatformTransactionManager transactionManager;
		try {
			transactionManager = BeanFactoryAnnotationUtils.qualifiedBeanOfType(this.beanFactory,
					PlatformTransactionManager.class, qualifier);
		}
		catch (NoSuchBeanDefinitionException ex) {
			throw new UnusableTransactionManagerException(
					((ex instanceof NoUniqueBeanDefinitionException) ? "Several beans" : "No bean")
							+ " of type PlatformTransactionManager with the name or qualifier '" + qualifier
							+ "', which the annotation names. All beans of that type: "
							+ Arrays.toString(names(PlatformTransactionManager.class)) + ".",
					CHOOSE, null);
		}
		return findUsersOwn(transactionManager).orElseGet(() -> forManager(transactionManager));
	}

	/**
	 * Find a template among the beans of the user's. The one of ours is a fallback, and
	 * is not to be made for this: its transaction manager may be of another product.
	 */
	private Optional<CrdbTransactionTemplate> findUsersOwn(PlatformTransactionManager transactionManager) {
		return Arrays.stream(names(CrdbTransactionTemplate.class))
			.filter((name) -> !isFallback(name))
			.map((name) -> this.beanFactory.getBean(name, CrdbTransactionTemplate.class))
			.filter((template) -> template.getTransactionManager() == transactionManager)
			.findFirst();
	}

	private boolean isFallback(String name) {
		try {
			return this.beanFactory.getMergedBeanDefinition(name).isFallback();
		}
		catch (NoSuchBeanDefinitionException ex) {
			// A bean that was registered ready-made has no definition
			return false;
		}
	}

	private String[] names(Class<?> type) {
		return BeanFactoryUtils.beanNamesForTypeIncludingAncestors(this.beanFactory, type);
	}

	/**
	 * Return the template for a transaction manager, with the properties' defaults.
	 */
	CrdbTransactionTemplate forManager(PlatformTransactionManager transactionManager) {
		CrdbTransactionTemplate known = this.made.get(transactionManager);
		return (known != null) ? known : add(transactionManager);
	}

	/**
	 * Not atomic, since making one may make beans that ask for one themselves. Where two
	 * threads make one for the same transaction manager, both get the first.
	 */
	private CrdbTransactionTemplate add(PlatformTransactionManager transactionManager) {
		CrdbTransactionTemplate added = make(transactionManager);
		CrdbTransactionTemplate earlier = this.made.putIfAbsent(transactionManager, added);
		return (earlier != null) ? earlier : added;
	}

	private CrdbTransactionTemplate make(PlatformTransactionManager transactionManager) {
		CrdbTransactionSettings settings = this.settings.get();
		DataSource dataSource = managed(transactionManager);
		try {
			return new CrdbTransactionTemplate(transactionManager, dataSource, this.defaults, settings);
		}
		catch (IllegalArgumentException ex) {
			throw new UnusableTransactionManagerException(
					"The transactions of " + describe(transactionManager, PlatformTransactionManager.class)
							+ " are on connections of " + describe(dataSource, DataSource.class)
							+ ". They are not guarded, so that nobody would know how a transaction ends.",
					"If that is a DataSource of another product, choose another transaction manager; in tests that "
							+ "use H2 or the like, use CockroachDB instead, or the embedded PostgreSQL of "
							+ "crdb-spring-boot-test. If it is one of CockroachDB, it was made too early, since a BeanPostProcessor or what "
							+ "it needs has it injected: let that take an ObjectProvider<DataSource>. Or wrap the "
							+ "DataSource yourself: new CrdbDataSource(pool).",
					!UnguardedDataSources.isUnguarded(dataSource), ex);
		}
	}

	private DataSource managed(PlatformTransactionManager transactionManager) {
		Object resource = (transactionManager instanceof ResourceTransactionManager manager)
				? manager.getResourceFactory() : this.beanFactory.getBeanProvider(DataSource.class).getIfUnique();
		if (JPA_PRESENT && transactionManager instanceof JpaTransactionManager jpaTransactionManager
				&& jpaTransactionManager.getDataSource() != null) {
			resource = jpaTransactionManager.getDataSource();
		}
		if (resource instanceof DataSource dataSource) {
			return dataSource;
		}
		throw new UnusableTransactionManagerException(
				"The transactions of " + describe(transactionManager, PlatformTransactionManager.class)
						+ " are not on a DataSource" + ((resource != null) ? " but on " + resource : "") + ".",
				CHOOSE, true, null);
	}

	private String describe(Object bean, Class<?> type) {
		return Arrays.stream(names(type))
			.filter((name) -> this.beanFactory.getSingleton(name) == bean)
			.findFirst()
			.map((name) -> "'" + name + "'")
			.orElseGet(bean::toString);
	}

}
