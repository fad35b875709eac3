/**
 * Makes faults while callers move money, and compares what they were told with what the
 * database has. The short form is a test, the long one has a Maven profile of its own.
 */
package io.github.crdbspring.chaos;
