package io.github.crdbspring.sample.bank;

import java.math.BigDecimal;
import java.time.OffsetDateTime;
import java.util.UUID;

/**
 * A transfer that was carried out.
 *
 * @param id the key, made by the database
 * @param from the account that the money came from
 * @param to the account that it went to
 * @param amount how much it was
 * @param createdAt when the transaction took place
 */
public record Transfer(UUID id, UUID from, UUID to, BigDecimal amount, OffsetDateTime createdAt) {

}
