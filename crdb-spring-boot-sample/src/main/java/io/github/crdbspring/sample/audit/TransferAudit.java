package io.github.crdbspring.sample.audit;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.github.crdbspring.changefeed.ChangeEvent;
import io.github.crdbspring.changefeed.CrdbChangefeedListener;
import io.github.crdbspring.changefeed.InitialScan;
import io.github.crdbspring.changefeed.Operation;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Counts the transfers of each day, from the first one on. What it writes and how far it
 * has come are one transaction, so that each transfer is counted once, whatever fails:
 * there is nothing in here that looks whether it was counted before.
 */
@Component
class TransferAudit {

	static final String ID = "transfer-audit";

	private final JdbcClient jdbcClient;

	TransferAudit(JdbcClient jdbcClient) {
		this.jdbcClient = jdbcClient;
	}

	/**
	 * Count the transfers of one transaction, or of a part of those that were there
	 * before. Started by {@link Audit} where the database has changefeeds.
	 */
	@CrdbChangefeedListener(id = ID, tables = "transfer", before = true, initialScan = InitialScan.YES,
			autoStartup = "false")
	void count(List<ChangeEvent<Booked>> events) {
		Map<LocalDate, Counted> days = new TreeMap<>();
		for (ChangeEvent<Booked> event : events) {
			Booked booked = event.after();
			if (event.operation() == Operation.INSERT && booked != null) {
				LocalDate day = booked.createdAt().withOffsetSameInstant(ZoneOffset.UTC).toLocalDate();
				days.merge(day, new Counted(1, booked.amount()), Counted::plus);
			}
		}
		days.forEach(this::add);
	}

	private void add(LocalDate day, Counted counted) {
		this.jdbcClient
			.sql("INSERT INTO audit (day, transfers, amount) VALUES (:day, :transfers, :amount) ON CONFLICT (day) "
					+ "DO UPDATE SET transfers = audit.transfers + excluded.transfers, "
					+ "amount = audit.amount + excluded.amount")
			.param("day", day)
			.param("transfers", counted.transfers())
			.param("amount", counted.amount())
			.update();
	}

	/**
	 * What is needed of a transfer.
	 *
	 * @param amount how much it was
	 * @param createdAt when it took place
	 */
	record Booked(BigDecimal amount, OffsetDateTime createdAt) {

	}

	/**
	 * What was counted.
	 *
	 * @param transfers how many transfers
	 * @param amount how much they were
	 */
	private record Counted(long transfers, BigDecimal amount) {

		Counted plus(Counted other) {
			return new Counted(this.transfers + other.transfers, this.amount.add(other.amount));
		}

	}

}
