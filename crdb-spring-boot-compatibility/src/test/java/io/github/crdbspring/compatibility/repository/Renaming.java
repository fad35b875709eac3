package io.github.crdbspring.compatibility.repository;

/**
 * A fragment of repositories.
 */
interface Renaming {

	void rename(int id, String name);

	void renameWithSpring(int id, String name);

	void renameWithoutAnnotation(int id, String name);

}
