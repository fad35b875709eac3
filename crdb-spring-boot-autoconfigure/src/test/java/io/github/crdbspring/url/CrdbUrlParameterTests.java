package io.github.crdbspring.url;

import java.util.Properties;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for the parameters of a {@link CrdbUrl}.
 */
class CrdbUrlParameterTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			application_name=x                  | ApplicationName=x
			fallback_application_name=x         | ApplicationName=x
			application_name=y&fallback_application_name=x | ApplicationName=y
			applicationName=x                   | ApplicationName=x
			connect_timeout=7                   | connectTimeout=7
			connect_timeout=-1                  | connectTimeout=0
			channel_binding=require             | channelBinding=require
			gssencmode=disable                  | gssEncMode=disable
			krbsrvname=cockroach                | kerberosServerName=cockroach
			require_auth=scram-sha-256          | requireAuth=scram-sha-256
			sslnegotiation=direct               | sslNegotiation=direct
			keepalives=1                        | tcpKeepAlive=true
			keepalives=0                        | tcpKeepAlive=false
			load_balance_hosts=random           | loadBalanceHosts=true
			load_balance_hosts=disable          | loadBalanceHosts=false
			target_session_attrs=any            | targetServerType=any
			target_session_attrs=read-write     | targetServerType=primary
			target_session_attrs=primary        | targetServerType=primary
			target_session_attrs=read-only      | targetServerType=secondary
			target_session_attrs=standby        | targetServerType=secondary
			target_session_attrs=prefer-standby | targetServerType=preferSecondary
			sslmode=VERIFY-CA                   | sslmode=verify-ca
			sslMode=verify-full                 | sslmode=verify-full
			SSLRootCert=ca.crt                  | sslrootcert=ca.crt
			rewritebatchedinserts=true          | reWriteBatchedInserts=true
			options=-c%20a%3Db                  | options=-c a=b
			gsslib=gssapi                       | gsslib=gssapi
			replication=database                | replication=database
			Unknown=x%20y                       | Unknown=x y
			sslpasswordcallback=a.B             | sslpasswordcallback=a.B
			""")
	void becomesTheDrivers(String given, String expected) {
		Properties properties = read("postgresql://h/d?" + given);
		assertThat(properties)
			.containsEntry(expected.substring(0, expected.indexOf('=')), expected.substring(expected.indexOf('=') + 1))
			.hasSize(4);
	}

	@ParameterizedTest
	@ValueSource(strings = { "sslcompression=0", "sslsni=1", "sslcertmode=allow", "client_encoding=UTF8",
			"keepalives_idle=0", "tcp_user_timeout=0", "ssl_min_protocol_version=TLSv1.2", "gssdelegation=0",
			"max_protocol_version=3.0", "sslinline=false", "sslcrl=" })
	void aDefaultThatTheDriverHasTooIsLeftOut(String given) {
		assertThat(read("postgresql://h/d?" + given)).hasSize(3);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					hostaddr=10.0.0.1          | hostaddr cannot be used, the PostgreSQL driver has no equal of it; name the server with host
					tcp_user_timeout=1000      | use socketTimeout
					keepalives_idle=30         | keepalives_idle cannot be used
					keepalives_interval=30     | keepalives_interval cannot be used
					keepalives_count=3         | keepalives_count cannot be used
					passfile=/s3cr3t           | PGPASSFILE
					servicefile=/s3cr3t        | PGSERVICEFILE
					client_encoding=latin1     | UTF-8
					requirepeer=s3cr3t         | requirepeer cannot be used
					sslcompression=1           | sslcompression cannot be used
					sslsni=0                   | sslsni cannot be used
					sslcertmode=require        | sslcertmode cannot be used
					sslcrl=s3cr3t              | use an SSL bundle
					sslcrldir=s3cr3t           | use an SSL bundle
					ssl_min_protocol_version=TLSv1.3 | use an SSL bundle
					ssl_max_protocol_version=TLSv1.2 | use an SSL bundle
					scram_client_key=s3cr3t    | scram_client_key cannot be used
					scram_server_key=s3cr3t    | scram_server_key cannot be used
					oauth_client_secret=s3cr3t | oauth_client_secret cannot be used
					sslinline=true             | sslinline cannot be used
					connect_timeout=s3cr3t     | connect_timeout is not a number of seconds
					connect_timeout=1s         | connect_timeout is not a number of seconds
					keepalives=yes             | keepalives has a value that is none of 0, 1
					load_balance_hosts=s3cr3t  | none of disable, random
					target_session_attrs=s3cr3t | none of any, prefer-standby, primary, read-only, read-write, standby
					sslnegotiation=s3cr3t      | none of direct, postgres
					channel_binding=s3cr3t     | none of disable, prefer, require
					""")
	void whatTheDriverCannotDoIsRefused(String given, String message) {
		assertThatExceptionOfType(InvalidCrdbUrlException.class)
			.isThrownBy(() -> CrdbUrl.parse("postgresql://h/d?a=b&" + given))
			.withMessageContaining(message)
			.withMessageNotContaining("s3cr3t")
			.satisfies((ex) -> assertThat(ex.getPosition()).isEqualTo(21));
	}

	@ParameterizedTest
	@MethodSource
	void whatTheDriverKnowsIsKept(PGProperty property) {
		String value = switch (property) {
			case SSL_MODE, GSS_ENC_MODE -> "allow";
			case SSL_NEGOTIATION -> "direct";
			default -> "1";
		};
		assertThat(read("jdbc:postgresql://h/d?" + property.getName() + "=" + value))
			.containsEntry(property.getName(), value)
			.hasSize(4);
	}

	static Stream<PGProperty> whatTheDriverKnowsIsKept() {
		return Stream.of(PGProperty.values()).filter((property) -> switch (property) {
			case USER, PASSWORD, SSL_PASSWORD, PG_HOST, PG_PORT, PG_DBNAME, SERVICE -> false;
			default -> true;
		});
	}

	@Test
	void aServiceOfTheDriversIsKept() {
		assertThat(CrdbUrl.parse("postgresql://h/d?service=x").jdbcUrl())
			.isEqualTo("jdbc:postgresql://h:26257/d?service=x");
	}

	private static Properties read(String text) {
		Properties properties = Driver.parseURL(CrdbUrl.parse(text).jdbcUrl(), new Properties());
		assertThat(properties).isNotNull()
			.containsEntry("PGHOST", "h")
			.containsEntry("PGPORT", "26257")
			.containsEntry("PGDBNAME", "d");
		return properties;
	}

}
