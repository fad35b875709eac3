package io.github.crdbspring.sample.bank;

import java.math.BigDecimal;
import java.util.UUID;

import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.Digits;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;

/**
 * The wish to transfer money. The bounds of the amount are those of the column's type;
 * the maximum is stated twice, since {@link Digits} overflows on an exponent that does.
 */
record TransferRequest(@NotNull UUID from, @NotNull UUID to, @NotNull @Positive @Digits(integer = 17,
		fraction = 2) @DecimalMax(TransferRequest.MAX_AMOUNT) BigDecimal amount) {

	static final String MAX_AMOUNT = "99999999999999999.99";

}
