package io.github.crdbspring.test;

import org.springframework.boot.test.autoconfigure.TestSliceTestContextBootstrapper;

/**
 * Bootstraps a {@link CrdbTest}.
 */
class CrdbTestContextBootstrapper extends TestSliceTestContextBootstrapper<CrdbTest> {

}
