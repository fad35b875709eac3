package io.github.crdbspring.sample.fault;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import javax.sql.DataSource;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.stereotype.Component;

/**
 * Makes faults. Each method returns when its fault is over.
 */
@Component
public class Faults {

	private static final Log logger = LogFactory.getLog(Faults.class);

	private static final int RIVALS = 2;

	private static final Duration RIVAL_HOLDS = Duration.ofMillis(20);

	/**
	 * So that there are moments in which an account can be had, hot ones included.
	 */
	private static final Duration RIVAL_RESTS = Duration.ofMillis(60);

	private final FaultProxyPostProcessor proxies;

	private final DataSource direct;

	Faults(FaultProxyPostProcessor proxies, JdbcConnectionDetails details) {
		this.proxies = proxies;
		DriverManagerDataSource direct = new DriverManagerDataSource(details.getJdbcUrl());
		direct.setUsername(details.getUsername());
		direct.setPassword(details.getPassword());
		this.direct = direct;
	}

	/**
	 * Return why connections cannot be cut, nor the database be paused.
	 * @return the reason, {@code null} if they can
	 */
	public @Nullable String whyNot() {
		return (this.proxies.getProxy() == null) ? this.proxies.getReason() : null;
	}

	/**
	 * Cut the connection of the next transfer that commits.
	 * @param moment when exactly
	 * @param patience how long to wait for such a transfer
	 * @return whether there was one
	 * @throws InterruptedException if the application is stopping
	 */
	public boolean cutNextCommit(CutMoment moment, Duration patience) throws InterruptedException {
		FaultProxy proxy = requireProxy();
		Future<?> cut = proxy.cutNextCommit(moment);
		try {
			cut.get(patience.toMillis(), TimeUnit.MILLISECONDS);
			return true;
		}
		catch (TimeoutException ex) {
			return false;
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException(ex);
		}
		finally {
			proxy.forgetCut();
		}
	}

	/**
	 * Let the database neither hear nor say anything for a while.
	 * @param time how long
	 * @throws InterruptedException if the application is stopping
	 */
	public void pauseDatabase(Duration time) throws InterruptedException {
		FaultProxy proxy = requireProxy();
		proxy.pause();
		try {
			Thread.sleep(time.toMillis());
		}
		finally {
			proxy.resume();
		}
	}

	/**
	 * Let others write accounts, changing nothing, but holding on to each for a moment.
	 * Whoever has read it before, and wants to write it, meets a conflict.
	 * @param accounts the accounts
	 * @param time how long
	 * @return how often one of them was written
	 * @throws InterruptedException if the application is stopping
	 */
	public int rivalsWrite(List<UUID> accounts, Duration time) throws InterruptedException {
		long end = System.nanoTime() + time.toNanos();
		ExecutorService executor = Executors.newFixedThreadPool(RIVALS);
		try {
			List<Future<Integer>> rivals = new ArrayList<>();
			for (int i = 0; i < RIVALS; i++) {
				rivals.add(executor.submit(() -> rivalWrites(accounts, end)));
			}
			int writes = 0;
			for (Future<Integer> rival : rivals) {
				writes += rival.get();
			}
			return writes;
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException("A rival failed: " + ex.getCause(), ex);
		}
		finally {
			executor.shutdownNow();
		}
	}

	private int rivalWrites(List<UUID> accounts, long end) throws SQLException, InterruptedException {
		int writes = 0;
		try (Connection connection = this.direct.getConnection();
				PreparedStatement statement = connection
					.prepareStatement("UPDATE account SET balance = balance WHERE id = ?")) {
			connection.setAutoCommit(false);
			while (System.nanoTime() - end < 0) {
				statement.setObject(1, accounts.get(ThreadLocalRandom.current().nextInt(accounts.size())));
				try {
					statement.executeUpdate();
					Thread.sleep(RIVAL_HOLDS.toMillis());
					connection.commit();
					writes++;
					Thread.sleep(RIVAL_RESTS.toMillis());
				}
				catch (SQLException ex) {
					// Conflicts are what it is there for, and it loses some of them
					logger.debug("A rival has lost", ex);
					connection.rollback();
				}
			}
		}
		return writes;
	}

	/**
	 * See to it that connections can be cut, and the database be paused.
	 * @throws FaultsUnavailableException if they cannot
	 */
	public void requireProxied() {
		requireProxy();
	}

	private FaultProxy requireProxy() {
		FaultProxy proxy = this.proxies.getProxy();
		if (proxy == null) {
			throw new FaultsUnavailableException(this.proxies.getReason());
		}
		return proxy;
	}

}
