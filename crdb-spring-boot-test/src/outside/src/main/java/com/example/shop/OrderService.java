package com.example.shop;

import java.util.ArrayList;
import java.util.List;

import io.github.crdbspring.transaction.annotation.CrdbTransactional;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

@Service
public class OrderService {

	private final JdbcClient jdbc;

	private final List<String> confirmations = new ArrayList<>();

	public OrderService(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	@CrdbTransactional
	public void place(int id) {
		this.jdbc.sql("INSERT INTO shop_order VALUES (?)").param(id).update();
		this.confirmations.add("confirmed order " + id); // once per attempt
	}

	public List<String> confirmations() {
		return this.confirmations;
	}

}
