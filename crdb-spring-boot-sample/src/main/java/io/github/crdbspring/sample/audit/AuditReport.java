package io.github.crdbspring.sample.audit;

import java.math.BigDecimal;

import org.jspecify.annotations.Nullable;

/**
 * What the audit has counted.
 *
 * @param state what its listener does, such as {@code RUNNING}; {@code OFF} if the
 * database has no changefeeds
 * @param note why it does not run, {@code null} if it does
 * @param transfers how many transfers were counted
 * @param amount how much they were
 */
public record AuditReport(String state, @Nullable String note, long transfers, BigDecimal amount) {

}
