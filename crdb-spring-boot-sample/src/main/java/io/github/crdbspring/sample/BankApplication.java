package io.github.crdbspring.sample;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * A bank over HTTP. Starts without an installed database, or on the one that
 * {@code crdb.url} points to.
 */
@SpringBootApplication
public class BankApplication {

	/**
	 * Start the application.
	 * @param args properties such as {@code --bank.demo=false}
	 */
	public static void main(String[] args) {
		SpringApplication.run(BankApplication.class, args);
	}

}
