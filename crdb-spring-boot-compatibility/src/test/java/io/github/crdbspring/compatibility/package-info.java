/**
 * Tests beside other libraries, which are all on one class path here, with AspectJ.
 */
package io.github.crdbspring.compatibility;
