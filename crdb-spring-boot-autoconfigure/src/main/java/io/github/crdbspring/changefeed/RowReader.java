package io.github.crdbspring.changefeed;

import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.node.ObjectNode;

import org.springframework.jdbc.support.JdbcUtils;

/**
 * Reads rows as what a listener takes, with Jackson. Decimals keep all their digits, and
 * columns that the type does not have are ignored. A column is found by its name, and by
 * its name in camel case.
 */
final class RowReader {

	private final JsonMapper mapper;

	private final ListenerArgument argument;

	private final JavaType type;

	private final Function<String, List<String>> keyColumns;

	RowReader(JsonMapper mapper, ListenerArgument argument, Function<String, List<String>> keyColumns) {
		this.mapper = exact(mapper);
		this.argument = argument;
		this.type = this.mapper.constructType(argument.rowType());
		this.keyColumns = keyColumns;
	}

	private static JsonMapper exact(JsonMapper mapper) {
		return mapper.rebuild()
			.enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
			.disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
			// Of a deleted row there may be no more than its key
			.disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
			.disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
			.addModule(new SimpleModule("crdb-bytes").addDeserializer(byte[].class, new BytesDeserializer()))
			.build();
	}

	/**
	 * Find out the names of a table's key columns, which may take a query.
	 */
	void prepare(String table) {
		this.keyColumns.apply(table);
	}

	Object read(FeedRow row) {
		if (this.argument.event()) {
			return event(row);
		}
		String content = (row.after() != null) ? row.after() : row.before();
		return (content != null) ? convert(content) : convert(this.mapper.writeValueAsString(key(row)));
	}

	private ChangeEvent<Object> event(FeedRow row) {
		return new ChangeEvent<>(row.table(), key(row), convertNullable(row.before()), convertNullable(row.after()),
				operation(row), row.timestamp(), row.scan());
	}

	private Operation operation(FeedRow row) {
		if (row.after() == null) {
			return Operation.DELETE;
		}
		if (!row.hasBefore()) {
			return Operation.UPSERT;
		}
		return (row.before() != null) ? Operation.UPDATE : Operation.INSERT;
	}

	/**
	 * The server sends the values of the key only.
	 */
	private Map<String, Object> key(FeedRow row) {
		List<?> values = this.mapper.readValue(row.key(), List.class);
		List<String> names = this.keyColumns.apply(row.table());
		Map<String, Object> key = new LinkedHashMap<>();
		for (int i = 0; i < values.size(); i++) {
			key.put((i < names.size()) ? names.get(i) : String.valueOf(i), values.get(i));
		}
		return key;
	}

	private @Nullable Object convertNullable(@Nullable String json) {
		return (json != null) ? convert(json) : null;
	}

	private Object convert(String json) {
		if (this.type.hasRawClass(String.class)) {
			return json;
		}
		JsonNode node = this.mapper.readTree(json);
		if (this.type.isTypeOrSubTypeOf(JsonNode.class)) {
			return node;
		}
		if (!this.type.isMapLikeType() && node instanceof ObjectNode object) {
			addCamelCase(object);
		}
		return this.mapper.treeToValue(node, this.type);
	}

	private static void addCamelCase(ObjectNode row) {
		for (String column : List.copyOf(row.propertyNames())) {
			String camelCase = JdbcUtils.convertUnderscoreNameToPropertyName(column);
			if (!row.has(camelCase)) {
				row.set(camelCase, row.get(column));
			}
		}
	}

	/**
	 * Reads BYTES, which the server writes in hexadecimal.
	 */
	private static final class BytesDeserializer extends ValueDeserializer<byte[]> {

		@Override
		public byte[] deserialize(JsonParser parser, DeserializationContext context) {
			String text = parser.getValueAsString();
			return (text != null && text.startsWith("\\x")) ? HexFormat.of().parseHex(text, 2, text.length())
					: parser.getBinaryValue();
		}

	}

}
