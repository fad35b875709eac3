package io.github.crdbspring.sample.bank;

import java.math.BigDecimal;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.github.crdbspring.transaction.annotation.CrdbTransactional;
import org.jspecify.annotations.Nullable;

import org.springframework.stereotype.Service;

/**
 * What the bank does, each in one transaction that is retried if it conflicts with
 * another.
 */
@Service
public class Bank {

	private static final int LISTED_ACCOUNTS = 1000;

	private static final int LISTED_TRANSFERS = 100;

	private final Accounts accounts;

	private final Transfers transfers;

	Bank(Accounts accounts, Transfers transfers) {
		this.accounts = accounts;
		this.transfers = transfers;
	}

	/**
	 * Transfer money. Takes no locks of its own: the database notices if somebody else
	 * has changed what was read here, and the whole method is run again.
	 * @param from the account that the money comes from
	 * @param to the account that it goes to
	 * @param amount how much, more than zero
	 * @return the transfer as it stands in the history
	 */
	@CrdbTransactional
	public Transfer transfer(UUID from, UUID to, BigDecimal amount) {
		if (from.equals(to)) {
			throw new SameAccountException(from);
		}
		Map<UUID, BigDecimal> balances = this.accounts.balances(from, to);
		BigDecimal source = balance(balances, from);
		BigDecimal target = balance(balances, to);
		if (source.compareTo(amount) < 0) {
			throw new InsufficientFundsException(from, source, amount);
		}
		// Always in the same order: two transfers that wait for each other are a deadlock
		// to PostgreSQL (40P01), which is a mistake in the program, and not retried
		if (from.compareTo(to) < 0) {
			this.accounts.setBalance(from, source.subtract(amount));
			this.accounts.setBalance(to, target.add(amount));
		}
		else {
			this.accounts.setBalance(to, target.add(amount));
			this.accounts.setBalance(from, source.subtract(amount));
		}
		return this.transfers.add(from, to, amount);
	}

	/**
	 * Return the history, newest first.
	 * @param account the account whose transfers to return, {@code null} for all
	 * @return the transfers, a bounded number
	 */
	@CrdbTransactional(readOnly = true)
	public List<Transfer> transfers(@Nullable UUID account) {
		return (account != null) ? this.transfers.findNewest(account(account).id(), LISTED_TRANSFERS)
				: this.transfers.findNewest(LISTED_TRANSFERS);
	}

	/**
	 * Return the accounts, newest first.
	 * @return the accounts, a bounded number
	 */
	@CrdbTransactional(readOnly = true)
	public List<Account> accounts() {
		return this.accounts.findNewest(LISTED_ACCOUNTS);
	}

	/**
	 * Return an account.
	 * @param id its key
	 * @return the account
	 */
	@CrdbTransactional(readOnly = true)
	public Account account(UUID id) {
		return this.accounts.find(id).orElseThrow(() -> new UnknownAccountException(id));
	}

	/**
	 * Open accounts.
	 * @param count how many
	 * @param balance what each starts with
	 * @return their keys
	 */
	@CrdbTransactional
	public List<UUID> openAccounts(int count, BigDecimal balance) {
		return this.accounts.open(count, balance);
	}

	/**
	 * Return what is in some accounts together, at one moment.
	 * @param ids the accounts
	 * @return the sum
	 */
	@CrdbTransactional(readOnly = true)
	public BigDecimal total(Collection<UUID> ids) {
		return this.accounts.total(ids);
	}

	/**
	 * Return accounts as they are together, at one moment.
	 * @param ids their keys
	 * @return the accounts, in the order in which they were opened
	 */
	@CrdbTransactional(readOnly = true)
	public List<Account> accounts(Collection<UUID> ids) {
		return this.accounts.findAll(ids);
	}

	private static BigDecimal balance(Map<UUID, BigDecimal> balances, UUID id) {
		BigDecimal balance = balances.get(id);
		if (balance == null) {
			throw new UnknownAccountException(id);
		}
		return balance;
	}

}
