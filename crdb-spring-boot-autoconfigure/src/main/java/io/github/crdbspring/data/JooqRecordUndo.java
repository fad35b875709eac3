package io.github.crdbspring.data;

import java.util.BitSet;
import java.util.concurrent.atomic.AtomicBoolean;

import io.github.crdbspring.transaction.TransactionAttempt;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.RecordContext;
import org.jooq.RecordListener;
import org.jspecify.annotations.Nullable;

/**
 * Sets back jOOQ's records when the attempt that stored or deleted them is rolled back:
 * their values, what they were fetched with, and which of them were changed. Otherwise
 * the next attempt would take them for stored, and send nothing. Infrastructure of this
 * library; to be added to a {@code Configuration} only where that is not Spring Boot's.
 * <p>
 * What the application has changed before it stored the record stays. Thread-safe.
 *
 * @since 0.1.0
 */
public final class JooqRecordUndo implements RecordListener {

	private static final Log logger = LogFactory.getLog(JooqRecordUndo.class);

	private final AtomicBoolean warned = new AtomicBoolean();

	@Override
	public void storeStart(RecordContext context) {
		remember(context);
	}

	/**
	 * With keys that can be updated jOOQ does not look at the changes, but remembers by
	 * itself whether the record is stored, for which there is no setter.
	 */
	@Override
	public void insertStart(RecordContext context) {
		TransactionAttempt attempt = remember(context);
		if (attempt != null && Boolean.TRUE.equals(context.settings().isUpdatablePrimaryKeys())) {
			attempt.onRollback(this::warn);
		}
	}

	@Override
	public void updateStart(RecordContext context) {
		remember(context);
	}

	@Override
	public void mergeStart(RecordContext context) {
		remember(context);
	}

	@Override
	public void deleteStart(RecordContext context) {
		remember(context);
	}

	private static @Nullable TransactionAttempt remember(RecordContext context) {
		TransactionAttempt attempt = TransactionAttempt.current().orElse(null);
		Record record = context.record();
		if (attempt != null && record != null) {
			attempt.onRollback(new State(record));
		}
		return attempt;
	}

	private void warn() {
		if (this.warned.compareAndSet(false, true)) {
			logger.warn("A new jOOQ record was stored by a transaction that was rolled back. With the setting "
					+ "updatablePrimaryKeys it still counts as stored, so that store() updates no row. Make it inside of "
					+ "the transaction, or use insert()");
		}
	}

	/**
	 * The state of one record.
	 */
	private static final class State implements Runnable {

		private final Record record;

		private final @Nullable Object[] values;

		private final @Nullable Object[] originals;

		private final BitSet changed;

		State(Record record) {
			int size = record.size();
			this.record = record;
			this.values = new @Nullable Object[size];
			this.originals = new @Nullable Object[size];
			this.changed = new BitSet(size);
			for (int i = 0; i < size; i++) {
				this.values[i] = record.get(i);
				this.originals[i] = record.original(i);
				this.changed.set(i, record.changed(i));
			}
		}

		/**
		 * A value that is marked as not changed becomes the original.
		 */
		@Override
		public void run() {
			set(this.originals);
			this.record.changed(false);
			set(this.values);
			for (int i = 0; i < this.values.length; i++) {
				this.record.changed(i, this.changed.get(i));
			}
		}

		private void set(@Nullable Object[] values) {
			for (int i = 0; i < values.length; i++) {
				set(this.record.field(i), values[i]);
			}
		}

		@SuppressWarnings("unchecked")
		private <T> void set(@Nullable Field<T> field, @Nullable Object value) {
			if (field != null) {
				this.record.set(field, (T) value);
			}
		}

	}

}
