package io.github.crdbspring.matrix;

import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Transient;

/**
 * What a call stores: a row with the token of the call, of which there is one for each
 * time that the call was committed.
 */
@Entity
@Table(name = "stored_call")
class StoredCall {

	static final String INSERT = "insert into stored_call";

	@Id
	private UUID id;

	private UUID token;

	@Transient
	private Work work;

	protected StoredCall() {
	}

	StoredCall(UUID id, Work work) {
		this.id = id;
		this.token = work.token();
		this.work = work;
	}

	UUID getId() {
		return this.id;
	}

	UUID getToken() {
		return this.token;
	}

	Work getWork() {
		return this.work;
	}

}
