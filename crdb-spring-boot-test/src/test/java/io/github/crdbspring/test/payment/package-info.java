/**
 * An application to test the test kit with.
 */
package io.github.crdbspring.test.payment;
