package io.github.crdbspring.test;

import org.springframework.boot.test.context.filter.annotation.StandardAnnotationCustomizableTypeExcludeFilter;

/**
 * Leaves the application's components out of a {@link CrdbTest}.
 */
class CrdbTypeExcludeFilter extends StandardAnnotationCustomizableTypeExcludeFilter<CrdbTest> {

	CrdbTypeExcludeFilter(Class<?> testClass) {
		super(testClass);
	}

}
