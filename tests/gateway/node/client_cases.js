// What users of Google's client for Node.js do, on hbmux's gateway, which BIGTABLE_EMULATOR_HOST names.
'use strict';
const assert = require('assert');
const {Bigtable} = require('@google-cloud/bigtable');

const micros = millis => String(millis * 1000);

/** {q: [[micros, value], ...]} of a family of a row. */
function cells(row, family) {
  const out = {};
  for (const [qualifier, list] of Object.entries(row.data[family] || {})) {
    out[qualifier] = list.map(cell => [Number(cell.timestamp), cell.value.toString()]);
  }
  return out;
}

async function main() {
  const instance = new Bigtable({projectId: 'p'}).instance('i');
  const [table] = await instance.createTable('node', {families: [{name: 'f', rule: {versions: 3}}, 'g'], splits: ['k5']});
  assert.deepStrictEqual((await instance.getTables())[0].map(t => t.id), ['node']);
  assert.deepStrictEqual((await table.getFamilies())[0].map(f => f.id).sort(), ['f', 'g']);

  for (const [value, millis] of [['new', 2], ['old', 1]]) {
    await table.mutate([{method: 'insert', key: 'one', data: {f: {q: {value, timestamp: micros(millis)}}}}]);
  }
  const [one] = await table.row('one').get();
  assert.deepStrictEqual(cells(one, 'f'), {q: [[2000, 'new'], [1000, 'old']]});

  const entries = [];
  for (let i = 0; i < 500; i++) {
    entries.push({key: 'k' + String(i).padStart(3, '0'), data: {f: {q: {value: 'v' + (i % 10), timestamp: micros(1)}}}});
  }
  await table.insert(entries);
  assert.strictEqual((await table.getRows({prefix: 'k'}))[0].length, 500);
  assert.strictEqual((await table.getRows({prefix: 'k', filter: [{value: /v[37]/}, {column: {cellLimit: 1}}]}))[0].length, 100);
  assert.deepStrictEqual((await table.getRows({keys: ['k499', 'none', 'k000']}))[0].map(r => r.id), ['k000', 'k499']);
  assert.deepStrictEqual((await table.getRows({start: 'k010', end: {value: 'k012', inclusive: false}}))[0].map(r => r.id), ['k010', 'k011']);
  const limited = [];
  for await (const row of table.createReadStream({prefix: 'k', limit: 3})) limited.push(row.id);
  assert.deepStrictEqual(limited, ['k000', 'k001', 'k002']);

  const counter = table.row('counter');
  await counter.increment('f:n', 5);
  const [incremented] = await counter.increment('f:n', -2);
  assert.strictEqual(Number(incremented), 3);
  await counter.createRules([{column: 'g:t', append: 'ab'}]);
  await counter.createRules([{column: 'g:t', append: 'c'}]);
  assert.strictEqual((await counter.get())[0].data.g.t[0].value.toString(), 'abc');

  const row = table.row('one');
  const [matched] = await row.filter([{value: 'new'}], {
    onMatch: [{method: 'insert', data: {f: {seen: {value: 'yes', timestamp: micros(3)}}}}],
    onNoMatch: [{method: 'delete'}],
  });
  assert.strictEqual(matched, true);
  assert.deepStrictEqual(cells((await row.get())[0], 'f').seen, [[3000, 'yes']]);
  await row.deleteCells(['f:q']);
  assert.deepStrictEqual(Object.keys(cells((await row.get())[0], 'f')), ['seen']);
  await row.delete();
  await assert.rejects(row.get(), /Unknown row/);

  assert.strictEqual((await table.sampleRowKeys())[0].length, 2);
  await table.createFamily('h', {rule: {age: {seconds: 3600}, versions: 2, union: true}});
  await table.family('g').delete();
  assert.deepStrictEqual((await table.getFamilies())[0].map(f => f.id).sort(), ['f', 'h']);
  await assert.rejects(table.insert([{key: 'x', data: {unknown: {q: 'v'}}}]));
  await table.deleteRows('k');
  assert.deepStrictEqual((await table.getRows())[0].map(r => r.id), ['counter']);
  await table.delete();
  assert.deepStrictEqual((await table.exists())[0], false);
  console.log('@google-cloud/bigtable works on the gateway');
}

main().then(() => process.exit(0), error => {
  console.error(error);
  process.exit(1);
});
