package io.github.crdbspring.sample.bank;

import java.util.List;
import java.util.UUID;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The accounts over HTTP.
 */
@RestController
@RequestMapping("/accounts")
class AccountController {

	private final Bank bank;

	AccountController(Bank bank) {
		this.bank = bank;
	}

	@GetMapping
	List<Account> list() {
		return this.bank.accounts();
	}

	@GetMapping("/{id}")
	Account find(@PathVariable UUID id) {
		return this.bank.account(id);
	}

}
