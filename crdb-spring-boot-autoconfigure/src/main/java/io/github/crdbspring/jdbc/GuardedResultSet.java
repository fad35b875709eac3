package io.github.crdbspring.jdbc;

import java.lang.reflect.Method;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;

import org.springframework.cglib.proxy.Callback;
import org.springframework.cglib.proxy.Dispatcher;
import org.springframework.cglib.proxy.Enhancer;
import org.springframework.cglib.proxy.Factory;
import org.springframework.cglib.proxy.NoOp;
import org.springframework.core.NativeDetector;

/**
 * A result set that leads back to the guarded connection. All but what is written here
 * goes straight to the pool's result set: a query may have many rows, so that the calls
 * are compiled ones and not those of reflection.
 */
abstract class GuardedResultSet implements ResultSet {

	private static final @Nullable Factory PROTOTYPE = NativeDetector.inNativeImage() ? null : makePrototype();

	private @Nullable ResultSet target;

	private StatementSource statement = () -> null;

	private UnaryOperator<Array> arrays = UnaryOperator.identity();

	/**
	 * Guard a result set.
	 * @param target the pool's result set
	 * @param statement gives the statement that it belongs to
	 * @param arrays guards the arrays in it
	 */
	static ResultSet of(ResultSet target, StatementSource statement, UnaryOperator<Array> arrays) {
		if (PROTOTYPE == null) {
			return ProxyCalls.newProxy(ResultSet.class, (proxy, method, args) -> {
				Object result = method.getName().equals("getStatement") ? statement.get()
						: ProxyCalls.forward(proxy, target, method, args);
				return (result instanceof Array array) ? arrays.apply(array) : result;
			});
		}
		GuardedResultSet guarded = (GuardedResultSet) PROTOTYPE.newInstance(callbacks(target));
		guarded.target = target;
		guarded.statement = statement;
		guarded.arrays = arrays;
		return guarded;
	}

	private static Factory makePrototype() {
		Enhancer enhancer = new Enhancer();
		enhancer.setSuperclass(GuardedResultSet.class);
		enhancer.setCallbackFilter(GuardedResultSet::indexOfCallback);
		enhancer.setCallbackTypes(new Class<?>[] { Dispatcher.class, NoOp.class });
		enhancer.setCallbacks(callbacks(null));
		return (Factory) enhancer.create();
	}

	private static int indexOfCallback(Method method) {
		Class<?> owner = method.getDeclaringClass();
		boolean forwarded = ResultSet.class.isAssignableFrom(owner) && owner != GuardedResultSet.class;
		return forwarded ? 0 : 1;
	}

	private static Callback[] callbacks(@Nullable ResultSet target) {
		return new Callback[] { (Dispatcher) () -> target, NoOp.INSTANCE };
	}

	private ResultSet target() {
		if (this.target == null) {
			throw new IllegalStateException("A prototype has no target");
		}
		return this.target;
	}

	private @Nullable Object guard(@Nullable Object value) {
		return (value instanceof Array array) ? this.arrays.apply(array) : value;
	}

	@Override
	public @Nullable Statement getStatement() throws SQLException {
		return this.statement.get();
	}

	@Override
	public @Nullable Array getArray(int columnIndex) throws SQLException {
		return (Array) guard(target().getArray(columnIndex));
	}

	@Override
	public @Nullable Array getArray(String columnLabel) throws SQLException {
		return (Array) guard(target().getArray(columnLabel));
	}

	@Override
	public @Nullable Object getObject(int columnIndex) throws SQLException {
		return guard(target().getObject(columnIndex));
	}

	@Override
	public @Nullable Object getObject(String columnLabel) throws SQLException {
		return guard(target().getObject(columnLabel));
	}

	@Override
	public @Nullable Object getObject(int columnIndex, Map<String, Class<?>> map) throws SQLException {
		return guard(target().getObject(columnIndex, map));
	}

	@Override
	public @Nullable Object getObject(String columnLabel, Map<String, Class<?>> map) throws SQLException {
		return guard(target().getObject(columnLabel, map));
	}

	@Override
	public <T> @Nullable T getObject(int columnIndex, Class<T> type) throws SQLException {
		return guard(target().getObject(columnIndex, type), type);
	}

	@Override
	public <T> @Nullable T getObject(String columnLabel, Class<T> type) throws SQLException {
		return guard(target().getObject(columnLabel, type), type);
	}

	private <T> @Nullable T guard(@Nullable T value, Class<T> type) {
		return (type == Array.class) ? type.cast(guard(value)) : value;
	}

	@Override
	public String toString() {
		return "Guarded " + this.target;
	}

	/**
	 * Gives the statement of a result set.
	 */
	interface StatementSource {

		@Nullable Statement get() throws SQLException;

	}

}
