package io.github.crdbspring.jpa;

import java.util.UUID;
import java.util.function.Supplier;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.SequenceGenerator;
import org.hibernate.annotations.ColumnDefault;
import org.hibernate.annotations.Generated;

/**
 * The ways in which an entity gets its key.
 */
enum Generator {

	/**
	 * A sequence of which Hibernate takes 50 values at a time.
	 */
	SEQUENCE(SequenceRow::new),

	/**
	 * The column's own sequence or {@code unique_rowid()}.
	 */
	IDENTITY(IdentityRow::new),

	/**
	 * Made by Hibernate.
	 */
	UUID(UuidRow::new),

	/**
	 * The column's default {@code gen_random_uuid()}.
	 */
	DATABASE_UUID(DatabaseUuidRow::new),

	/**
	 * The column's default {@code unique_rowid()}, which only CockroachDB has.
	 */
	ROW_ID(RowIdRow::new);

	private final Supplier<Row> factory;

	Generator(Supplier<Row> factory) {
		this.factory = factory;
	}

	Row create() {
		return this.factory.get();
	}

	/**
	 * An entity with a key that is generated.
	 */
	interface Row {

		Object id();

	}

	@Entity
	static class SequenceRow implements Row {

		@Id
		@GeneratedValue(strategy = GenerationType.SEQUENCE)
		@SequenceGenerator(sequenceName = "sequence_row_seq", allocationSize = 50)
		private Long id;

		private int amount;

		@Override
		public Object id() {
			return this.id;
		}

	}

	@Entity
	static class IdentityRow implements Row {

		@Id
		@GeneratedValue(strategy = GenerationType.IDENTITY)
		private Long id;

		private int amount;

		@Override
		public Object id() {
			return this.id;
		}

	}

	@Entity
	static class UuidRow implements Row {

		@Id
		@GeneratedValue(strategy = GenerationType.UUID)
		private UUID id;

		private int amount;

		@Override
		public Object id() {
			return this.id;
		}

	}

	@Entity
	static class DatabaseUuidRow implements Row {

		@Id
		@Generated
		@ColumnDefault("gen_random_uuid()")
		private UUID id;

		private int amount;

		@Override
		public Object id() {
			return this.id;
		}

	}

	@Entity
	static class RowIdRow implements Row {

		@Id
		@Generated
		@ColumnDefault("unique_rowid()")
		private Long id;

		private int amount;

		@Override
		public Object id() {
			return this.id;
		}

	}

}
