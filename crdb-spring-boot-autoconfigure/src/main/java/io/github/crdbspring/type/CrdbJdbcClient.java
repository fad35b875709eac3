package io.github.crdbspring.type;

import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.core.convert.ConversionService;
import org.springframework.jdbc.core.ResultSetExtractor;
import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.SingleColumnRowMapper;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcOperations;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.KeyHolder;

/**
 * Spring's {@link JdbcClient} with a {@link CrdbConversionService}, to which
 * {@link StatementSpec#query(Class)} with a class such as {@link java.time.Duration} or
 * {@code String[]} asks for values of one column, not for beans.
 *
 * @since 0.1.0
 */
public class CrdbJdbcClient implements JdbcClient {

	private final JdbcClient delegate;

	private final ConversionService conversions;

	/**
	 * Create a new client.
	 * @param jdbcTemplate what runs the statements
	 * @param conversions what converts the columns of their results
	 */
	public CrdbJdbcClient(NamedParameterJdbcOperations jdbcTemplate, CrdbConversionService conversions) {
		this.delegate = JdbcClient.create(jdbcTemplate, conversions);
		this.conversions = conversions;
	}

	@Override
	public StatementSpec sql(String sql) {
		return new Statement(this.delegate.sql(sql), this.conversions);
	}

	/**
	 * A statement whose results are of CockroachDB's types.
	 *
	 * @param spec the statement that it is
	 * @param conversions what converts the columns of its results
	 */
	private record Statement(StatementSpec spec, ConversionService conversions) implements StatementSpec {

		// Whether values may be null is not said by the method that is overridden
		@Override
		@SuppressWarnings("NullAway")
		public <T> MappedQuerySpec<T> query(Class<T> mappedClass) {
			if (SingleValues.contains(mappedClass)) {
				return this.spec.query(new SingleColumnRowMapper<>(mappedClass, this.conversions));
			}
			return this.spec.query(mappedClass);
		}

		@Override
		public <T extends @Nullable Object> MappedQuerySpec<T> query(RowMapper<T> rowMapper) {
			return this.spec.query(rowMapper);
		}

		@Override
		public <T extends @Nullable Object> T query(ResultSetExtractor<T> rse) {
			return this.spec.query(rse);
		}

		@Override
		public void query(RowCallbackHandler rch) {
			this.spec.query(rch);
		}

		@Override
		public ResultQuerySpec query() {
			return this.spec.query();
		}

		@Override
		public int update() {
			return this.spec.update();
		}

		@Override
		public int update(KeyHolder generatedKeyHolder) {
			return this.spec.update(generatedKeyHolder);
		}

		@Override
		public int update(KeyHolder generatedKeyHolder, String... keyColumnNames) {
			return this.spec.update(generatedKeyHolder, keyColumnNames);
		}

		@Override
		public StatementSpec withFetchSize(int fetchSize) {
			this.spec.withFetchSize(fetchSize);
			return this;
		}

		@Override
		public StatementSpec withMaxRows(int maxRows) {
			this.spec.withMaxRows(maxRows);
			return this;
		}

		@Override
		public StatementSpec withQueryTimeout(int queryTimeout) {
			this.spec.withQueryTimeout(queryTimeout);
			return this;
		}

		@Override
		public StatementSpec param(@Nullable Object value) {
			this.spec.param(value);
			return this;
		}

		@Override
		public StatementSpec param(int jdbcIndex, @Nullable Object value) {
			this.spec.param(jdbcIndex, value);
			return this;
		}

		@Override
		public StatementSpec param(int jdbcIndex, @Nullable Object value, int sqlType) {
			this.spec.param(jdbcIndex, value, sqlType);
			return this;
		}

		@Override
		public StatementSpec param(String name, @Nullable Object value) {
			this.spec.param(name, value);
			return this;
		}

		@Override
		public StatementSpec param(String name, @Nullable Object value, int sqlType) {
			this.spec.param(name, value, sqlType);
			return this;
		}

		@Override
		public StatementSpec params(Object... values) {
			this.spec.params(values);
			return this;
		}

		@Override
		public StatementSpec params(List<?> values) {
			this.spec.params(values);
			return this;
		}

		@Override
		public StatementSpec params(Map<String, ?> paramMap) {
			this.spec.params(paramMap);
			return this;
		}

		@Override
		public StatementSpec paramSource(Object namedParamObject) {
			this.spec.paramSource(namedParamObject);
			return this;
		}

		@Override
		public StatementSpec paramSource(SqlParameterSource namedParamSource) {
			this.spec.paramSource(namedParamSource);
			return this;
		}

	}

}
