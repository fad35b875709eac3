package io.github.crdbspring.jdbc;

import javax.sql.DataSource;

/**
 * Where a connection came from, so that another one to the same database can be had.
 * Infrastructure of this library, no API for applications.
 *
 * @param dataSource what handed it out
 * @param url the driver's URL, which tells databases behind a router apart
 * @since 0.1.0
 */
public record ConnectionOrigin(DataSource dataSource, String url) {

}
