package io.github.crdbspring.test.stack;

import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * The application of the tests of this package.
 */
@SpringBootApplication
class StackApplication {

}
