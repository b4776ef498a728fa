/** A table that can be sorted and saved; on a phone each row is a card. */

import { useState, type ReactNode } from 'react';

import { csvOf, fileName, formatOf, save, type Cell } from '../csv.ts';
import { useWords } from '../words/index.ts';
import { Choice, Field } from './Doing.tsx';

export interface Column<Row> {
  id: string;
  head: string;
  /** To sort by, and for the file. */
  value(row: Row): Cell;
  /** What is shown, if it is not the value. */
  cell?(row: Row): ReactNode;
  /** Largest first at the first press of its heading. */
  falling?: boolean;
  /** On a phone, 0 is not shown: it is no news, or another figure says so already. */
  quiet?: boolean;
}

interface Props<Row> {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf(row: Row): string | number;
  /** What the file is called after. */
  file: readonly string[];
  /** What is said if there is no row. */
  none: string;
  /** The order at first; otherwise by the first column, rising. */
  first?: Order;
}

/** With more rows than this, one looks for a name rather than through all of them. */
const MANY = 20;

interface Order {
  by: string;
  falling: boolean;
}

export function Table<Row>({ caption, columns, rows, keyOf, file, none, first }: Props<Row>) {
  const t = useWords();
  const [order, setOrder] = useState<Order>(first ?? { by: columns[0]!.id, falling: false });
  const [wanted, setWanted] = useState('');
  if (!rows.length) return <p>{none}</p>;
  const numbers = new Set(columns.filter(({ value }) => rows.some((row) => typeof value(row) === 'number')));
  const found = wanted ? rows.filter((row) => plain(columns[0]!.value(row)).includes(plain(wanted))) : rows;
  const sorted = inOrder(found, columns, order, t.tag);
  const sortBy = ({ id, falling = false }: Column<Row>) =>
    setOrder(order.by === id ? { by: id, falling: !order.falling } : { by: id, falling });
  const saveIt = () => {
    const lines = [columns.map(({ head }) => head), ...sorted.map((row) => columns.map(({ value }) => value(row)))];
    save({ name: fileName(file), content: new Blob([csvOf(lines, formatOf(navigator.language))], { type: 'text/csv;charset=utf-8' }) });
  };
  return (
    <div className="table">
      <div className="table-tools">
        {rows.length > MANY && (
          <div className="find">
            <Field label={t('find')} value={wanted} onChange={setWanted} maxLength={60} />
          </div>
        )}
        <Choice
          className="sort-by"
          label={t('sort_by')}
          value={order.by}
          options={columns.map(({ id, head }) => [id, head] as const)}
          onChange={(id) => setOrder({ by: id, falling: columns.find((one) => one.id === id)?.falling ?? false })}
        />
        <button type="button" onClick={saveIt}>
          {t('save_csv')}
          <span className="hidden">: {caption}</span>
        </button>
      </div>
      <p role="status">{found.length === 0 && t('find_none')}</p>
      <div className="wide" role="region" aria-label={caption} tabIndex={0}>
        {/* The roles are said because a table whose rows are shown as cards loses them in some browsers. */}
        <table role="table">
          <caption className="hidden">{caption}</caption>
          <thead role="rowgroup">
            <tr role="row">
              {columns.map((column) => (
                <th key={column.id} scope="col" role="columnheader" aria-sort={sortOf(order, column.id)} className={numbers.has(column) ? 'number' : undefined}>
                  <button type="button" onClick={() => sortBy(column)}>
                    {column.head}
                    <span aria-hidden="true" className="arrow">
                      {order.by === column.id ? (order.falling ? '▼' : '▲') : ''}
                    </span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {sorted.map((row) => (
              <tr key={keyOf(row)} role="row">
                {columns.map((column, index) => (
                  <td key={column.id} role={index ? 'cell' : 'rowheader'} data-head={column.head} className={numbers.has(column) ? (column.quiet && column.value(row) === 0 ? 'number quiet' : 'number') : undefined}>
                    <span>{column.cell ? column.cell(row) : shown(column.value(row), t.tag)}</span>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

/** Without accents and capitals, which are tedious to type on a phone. */
const plain = (value: Cell): string =>
  String(value ?? '')
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase();

const shown = (value: Cell, tag: string) => (value === null ? '–' : typeof value === 'number' ? value.toLocaleString(tag) : value);

function sortOf(order: Order, id: string): 'ascending' | 'descending' | undefined {
  if (order.by !== id) return undefined;
  return order.falling ? 'descending' : 'ascending';
}

/** What has no value comes last, whichever way. */
function inOrder<Row>(rows: readonly Row[], columns: readonly Column<Row>[], order: Order, tag: string): readonly Row[] {
  const column = columns.find(({ id }) => id === order.by);
  if (!column) return rows;
  const sign = order.falling ? -1 : 1;
  return [...rows].sort((one, other) => {
    const [a, b] = [column.value(one), column.value(other)];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    if (typeof a === 'number' && typeof b === 'number') return sign * (a - b);
    return sign * String(a).localeCompare(String(b), tag, { numeric: true });
  });
}
