package io.github.crdbspring.sample.bank;

import java.util.List;
import java.util.UUID;

import jakarta.validation.Valid;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * The transfers over HTTP.
 */
@RestController
@RequestMapping("/transfers")
class TransferController {

	private final Bank bank;

	TransferController(Bank bank) {
		this.bank = bank;
	}

	@PostMapping
	@ResponseStatus(HttpStatus.CREATED)
	Transfer transfer(@Valid @RequestBody TransferRequest request) {
		return this.bank.transfer(request.from(), request.to(), request.amount());
	}

	@GetMapping
	List<Transfer> list(@RequestParam(required = false) @Nullable UUID account) {
		return this.bank.transfers(account);
	}

}
