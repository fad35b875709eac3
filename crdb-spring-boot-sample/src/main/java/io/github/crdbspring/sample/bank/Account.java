package io.github.crdbspring.sample.bank;

import java.math.BigDecimal;
import java.time.OffsetDateTime;
import java.util.UUID;

/**
 * An account with the money that is in it.
 *
 * @param id the key, made by the database
 * @param balance what is in it
 * @param openedAt when it was opened
 */
public record Account(UUID id, BigDecimal balance, OffsetDateTime openedAt) {

}
