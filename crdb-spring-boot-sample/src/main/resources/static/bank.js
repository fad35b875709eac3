/* Listens to /page/events, draws what it is told, and asks for loads and faults. */
'use strict';

const SHOWN_SECONDS = 180;

const byId = (id) => document.getElementById(id);
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const money = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const text = (id, value) => { byId(id).textContent = value; };

const known = (value, format) => (value === null || value === undefined ? '–' : format.format(value));

/* One chart each; a line reads its value out of the figures of one second. */
const CHARTS = [
	{ id: 'throughput', title: 'Throughput', unit: 'transfers/s', format: whole, lines: [{ label: '', value: (f) => f.throughput }] },
	{ id: 'retries', title: 'Retries', unit: 'attempts/s', format: tenths, lines: [{ label: '', value: (f) => f.retries }] },
	{ id: 'attempts', title: 'Attempts per transfer', unit: 'in the mean', format: tenths, lines: [{ label: '', value: (f) => f.attempts }] },
	{ id: 'latency', title: 'Duration, retries included', unit: 'ms', format: tenths, lines: [{ label: 'p50', value: (f) => f.p50 }, { label: 'p99', value: (f) => f.p99 }] },
	{ id: 'resolved', title: 'Unknown outcomes found out', unit: 'since the start', format: whole, lines: [{ label: 'committed', value: (f) => f.totals.foundCommitted }, { label: 'not committed', value: (f) => f.totals.foundRolledBack }] },
	{ id: 'limit', title: 'Limit in force, and who waits', unit: 'none without conflicts', format: whole, lines: [{ label: 'limit', value: (f) => f.limit }, { label: 'waiting', value: (f) => f.waiting }] }
];

let figures = [];
const plots = new Map();

function element(name, properties, ...children) {
	const created = Object.assign(document.createElement(name), properties);
	created.append(...children);
	return created;
}

function addChart(chart) {
	const values = chart.lines.map((line, index) => element('span', { className: index === 0 ? 'first' : 'second' },
		element('strong', { id: `${chart.id}-${index}`, textContent: '–' }), ` ${line.label}`));
	const canvas = element('div', { className: 'plot' });
	canvas.setAttribute('aria-hidden', 'true');
	byId('charts').append(element('figure', { id: chart.id },
		element('figcaption', {}, element('b', { textContent: chart.title }),
			element('small', { textContent: chart.unit }), element('span', { className: 'values' }, ...values)), canvas));
	return canvas;
}

function draw(chart, canvas) {
	const plot = plots.get(chart.id);
	if (plot) {
		plot.destroy();
	}
	const axis = { stroke: colour('--soft'), grid: { stroke: colour('--grid'), width: 1 }, ticks: { show: false }, font: '11px system-ui, sans-serif' };
	plots.set(chart.id, new uPlot({
		width: Math.max(canvas.clientWidth, 120),
		height: 130,
		legend: { show: false },
		cursor: { show: false },
		scales: {
			x: { time: true, range: () => [Date.now() / 1000 - SHOWN_SECONDS, Date.now() / 1000] },
			y: { range: (_, min, max) => [0, Math.max(max === null ? 1 : max * 1.1, 1)] }
		},
		axes: [
			{ ...axis, size: 22, space: 70, values: (_, times) => times.map((time) => clock(time * 1000).slice(0, 5)) },
			{ ...axis, size: 46, space: 34 }
		],
		series: [{}, ...chart.lines.map((line, index) => ({
			label: line.label || chart.title,
			stroke: colour(index === 0 ? '--first' : '--second'),
			width: 2,
			dash: index === 0 ? undefined : [5, 3],
			points: { show: false }
		}))]
	}, data(chart), canvas));
}

function data(chart) {
	return [figures.map((f) => f.time / 1000),
		...chart.lines.map((line) => figures.map((f) => line.value(f) ?? null))];
}

function clock(time) {
	return new Date(time).toLocaleTimeString('en-GB');
}

function showFigures() {
	const last = figures[figures.length - 1];
	if (!last) {
		return;
	}
	for (const chart of CHARTS) {
		plots.get(chart.id).setData(data(chart));
		chart.lines.forEach((line, index) => text(`${chart.id}-${index}`, known(line.value(last), chart.format)));
	}
	text('committed', whole.format(last.totals.committed));
	text('retried', whole.format(last.totals.retries));
	text('found-committed', whole.format(last.totals.foundCommitted));
	text('found-rolled-back', whole.format(last.totals.foundRolledBack));
	text('unknown', whole.format(last.totals.unknown));
	text('given-up', whole.format(last.totals.givenUp));
	text('rolled-back', whole.format(last.totals.rolledBack));
	text('last-failure', last.lastFailure ?? 'none');
	showHistogram(last.histogram);
}

function showHistogram(histogram) {
	const most = Math.max(1, ...Object.values(histogram));
	byId('histogram').replaceChildren(...Object.entries(histogram).map(([attempts, transfers]) => {
		const bar = element('i', {});
		bar.style.width = `${100 * transfers / most}%`;
		const cell = element('td', { className: 'bar' }, bar);
		cell.setAttribute('aria-hidden', 'true');
		return element('tr', {}, element('th', { scope: 'row', textContent: attempts }),
			element('td', { textContent: whole.format(transfers) }), cell);
	}));
}

function showAccounts(now) {
	text('total', money.format(now.total));
	text('verdict', now.unchanged ? 'unchanged' : 'CHANGED');
	byId('verdict').className = now.unchanged ? 'good' : 'bad';
	text('as-of', clock(now.time));
	const list = byId('accounts');
	now.accounts.forEach((account, index) => {
		const balance = money.format(account.balance);
		let item = list.children[index];
		if (!item) {
			item = element('li', {}, element('small', { textContent: account.id.slice(0, 8) }), element('span', {}));
			item.title = account.id;
			list.append(item);
		}
		const shown = item.lastChild;
		item.classList.toggle('changed', shown.textContent !== '' && shown.textContent !== balance);
		shown.textContent = balance;
	});
	while (list.children.length > now.accounts.length) {
		list.lastChild.remove();
	}
}

function showAudit(audit) {
	text('audit', audit.state === 'OFF' ? 'off' : `${whole.format(audit.transfers)} transfers, ${money.format(audit.amount)}`);
	text('audit-note', audit.state === 'RUNNING' ? 'Counted by a listener of a changefeed, each transfer once.' : `${audit.state.toLowerCase()}. ${audit.note ?? ''}`);
}

function showState(state) {
	text('server', state.server ?? 'database');
	const load = state.load
		? `A load is running: ${state.load.shape.toLowerCase()}, threads: ${state.load.threads}, seconds left: ${state.load.secondsLeft}.`
		: 'No load is running.';
	text('state', state.experiment ? `${load} ${state.experiment}.` : load);
	byId('cut').disabled = byId('pause').disabled = state.noFaults !== null;
	byId('no-faults').hidden = state.noFaults === null;
	text('no-faults', state.noFaults === null ? '' : `A connection cannot be cut, nor the database be paused. ${state.noFaults}`);
}

const KINDS = { STARTED: 'started', ENDED: 'ended', RETRIED: 'retried', RESOLVED: 'resolved', WAITED: 'waited', REFUSED: 'refused', UNKNOWN: 'unknown' };

function showHappening(happening) {
	const item = element('li', { className: happening.kind }, element('time', { textContent: clock(happening.time), dateTime: happening.time }),
		element('b', { textContent: KINDS[happening.kind] }), element('span', { textContent: happening.text }));
	byId('log').prepend(item);
	while (byId('log').children.length > 20) {
		byId('log').lastChild.remove();
	}
}

function listen() {
	const source = new EventSource('/page/events');
	const on = (name, handle) => source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
	source.onopen = () => text('connection', 'live');
	source.onerror = () => text('connection', 'not connected, trying again');
	on('history', (history) => {
		figures = history;
		byId('log').replaceChildren();
		showFigures();
	});
	on('figures', (next) => {
		figures.push(next);
		figures = figures.slice(-SHOWN_SECONDS);
		showFigures();
	});
	on('state', showState);
	on('accounts', showAccounts);
	on('audit', showAudit);
	on('happening', showHappening);
}

async function ask(method, path, body) {
	text('problem', '');
	try {
		const answer = await fetch(path, { method, headers: { 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) });
		if (!answer.ok) {
			const problem = await answer.json();
			text('problem', `${problem.detail || problem.title}.`.replace(/\.\.$/, '.'));
		}
	}
	catch (error) {
		text('problem', 'The application does not answer.');
	}
}

byId('load-form').addEventListener('submit', (event) => {
	event.preventDefault();
	ask('POST', '/page/load', { shape: byId('shape').value, threads: byId('threads').valueAsNumber, seconds: byId('seconds').valueAsNumber });
});
byId('stop').addEventListener('click', () => ask('DELETE', '/page/load'));
byId('conflicts').addEventListener('click', () => ask('POST', '/page/conflicts', {}));
byId('cut').addEventListener('click', () => ask('POST', '/page/cut', { moment: byId('moment').value }));
byId('pause').addEventListener('click', () => ask('POST', '/page/pause', {}));

const canvases = new Map(CHARTS.map((chart) => [chart, addChart(chart)]));
const drawAll = () => canvases.forEach((canvas, chart) => draw(chart, canvas));
drawAll();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
new ResizeObserver(() => canvases.forEach((canvas, chart) =>
	plots.get(chart.id).setSize({ width: Math.max(canvas.clientWidth, 120), height: 130 }))).observe(byId('charts'));
listen();
