package io.github.crdbspring.transaction.annotation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.Advisor;
import org.springframework.aop.framework.Advised;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.OrderUtils;
import org.springframework.transaction.interceptor.BeanFactoryTransactionAttributeSourceAdvisor;
import org.springframework.transaction.interceptor.TransactionInterceptor;

/**
 * Puts this library's advisors right outside of Spring's own transaction advice in the
 * proxy of a bean, or where that would be if it were there: inside of everything that is
 * outside of a transaction of {@code @Transactional}, and outside of everything that is
 * inside of it. Advisors of the same order as Spring's, such as those for caching, are
 * told apart only by the order in which they are registered, so that no order of our own
 * could do it.
 * <p>
 * Caching of the same order comes outside in any case, as it does by default: otherwise
 * it would keep what was never committed.
 * <p>
 * Infrastructure of this library, no API for applications. Thread-safe.
 *
 * @since 0.1.0
 */
public final class AdvisorPlacement {

	private static final Set<String> CACHING = Set.of(
			"org.springframework.cache.interceptor.BeanFactoryCacheOperationSourceAdvisor",
			"org.springframework.cache.jcache.interceptor.BeanFactoryJCacheOperationSourceAdvisor");

	private final ConfigurableListableBeanFactory beanFactory;

	/**
	 * All advisors that are beans, once all of them have been made.
	 */
	private volatile @Nullable List<Advisor> registered;

	/**
	 * Create a new instance.
	 * @param beanFactory has the advisors as beans
	 */
	public AdvisorPlacement(ConfigurableListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	/**
	 * Move this library's advisors to their place in the proxy of a bean.
	 * @param proxy the proxy, which is left as it is if it has none of them
	 */
	public void correct(Advised proxy) {
		List<Advisor> current = List.of(proxy.getAdvisors());
		List<Advisor> ours = current.stream().filter(AdvisorPlacement::isOurs).toList();
		if (ours.isEmpty() || proxy.isFrozen()) {
			return;
		}
		List<Advisor> corrected = new ArrayList<>(current);
		corrected.removeAll(ours);
		List<Advisor> all = registered();
		Advisor transaction = findTransaction(corrected, all);
		int order = (transaction != null) ? order(transaction) : Ordered.LOWEST_PRECEDENCE;
		int position = position(corrected, order, transaction, all);
		List<Advisor> moved = new ArrayList<>(cachingInside(corrected, position, order));
		corrected.removeAll(moved);
		moved.addAll(ours);
		corrected.addAll(position, moved);
		if (!corrected.equals(current)) {
			moved.forEach(proxy::removeAdvisor);
			for (int i = 0; i < moved.size(); i++) {
				proxy.addAdvisor(position + i, moved.get(i));
			}
		}
	}

	/**
	 * Find Spring's transaction advice: the one of the chain, or else that of other
	 * beans.
	 */
	private static @Nullable Advisor findTransaction(List<Advisor> chain, List<Advisor> all) {
		return chain.stream()
			.filter(AdvisorPlacement::isTransaction)
			.findFirst()
			.or(() -> all.stream().filter(BeanFactoryTransactionAttributeSourceAdvisor.class::isInstance).findFirst())
			.orElse(null);
	}

	private static boolean isTransaction(Advisor advisor) {
		return advisor instanceof BeanFactoryTransactionAttributeSourceAdvisor
				|| advisor.getAdvice() instanceof TransactionInterceptor;
	}

	/**
	 * Find where Spring's transaction advice is, or would be if it were there.
	 */
	private static int position(List<Advisor> chain, int order, @Nullable Advisor transaction, List<Advisor> all) {
		int position = (transaction != null) ? chain.indexOf(transaction) : -1;
		if (position < 0) {
			position = 0;
			while (position < chain.size() && !isInside(chain.get(position), order, transaction, all)) {
				position++;
			}
		}
		return position;
	}

	/**
	 * Whether an advisor would be sorted behind Spring's. Of the same order, one that is
	 * no bean comes from an aspect, and those come last.
	 */
	private static boolean isInside(Advisor advisor, int order, @Nullable Advisor transaction, List<Advisor> all) {
		if (order(advisor) != order) {
			return order(advisor) > order;
		}
		int registered = all.indexOf(advisor);
		return registered < 0 || (transaction != null && registered > all.indexOf(transaction));
	}

	/**
	 * Find what is for caching, and would be inside only because it was registered later.
	 */
	private static List<Advisor> cachingInside(List<Advisor> chain, int position, int order) {
		return chain.subList(position, chain.size())
			.stream()
			.filter((advisor) -> CACHING.contains(advisor.getClass().getName()) && order(advisor) == order)
			.toList();
	}

	/**
	 * Find the advisors that have been made, in the order in which they are registered.
	 * Some may still be in the making when the proxies of beans that they need are made.
	 */
	private List<Advisor> registered() {
		List<Advisor> known = this.registered;
		if (known != null) {
			return known;
		}
		String[] names = BeanFactoryUtils.beanNamesForTypeIncludingAncestors(this.beanFactory, Advisor.class, true,
				false);
		List<Advisor> made = Arrays.stream(names)
			.map((name) -> find(this.beanFactory, name))
			.filter(Advisor.class::isInstance)
			.map(Advisor.class::cast)
			.toList();
		if (made.size() == names.length) {
			this.registered = made;
		}
		return made;
	}

	private static @Nullable Object find(@Nullable BeanFactory beanFactory, String name) {
		return (beanFactory instanceof ConfigurableListableBeanFactory factory) ? (factory.containsLocalBean(name)
				? factory.getSingleton(name) : find(factory.getParentBeanFactory(), name)) : null;
	}

	private static int order(Advisor advisor) {
		return (advisor instanceof Ordered ordered) ? ordered.getOrder()
				: OrderUtils.getOrder(advisor.getClass(), Ordered.LOWEST_PRECEDENCE);
	}

	private static boolean isOurs(Advisor advisor) {
		return advisor instanceof CrdbTransactionalAdvisor || advisor instanceof RetryingTransactionalAdvisor;
	}

}
