package io.github.crdbspring.changefeed;

import java.math.BigDecimal;
import java.time.Instant;

/**
 * A row that a listener could not process, and that was put aside.
 *
 * @param committed the time of its commit
 * @param table the table
 * @param key the key, a JSON array
 * @param error what the listener has thrown
 * @param since since when it is there
 * @since 0.1.0
 */
public record DeadLetter(BigDecimal committed, String table, String key, String error, Instant since) {

}
