// A table of words and numbers. On a narrow screen each row is a block, with the column's name before each cell.
import type { Table } from "../files";
import { rich } from "../text";

export function Data({ table, caption }: { table: Table; caption: string }) {
  return (
    <div class="scroll">
      <table class="data">
        <caption class="quiet">{rich(caption)}</caption>
        <thead>
          <tr>
            {table.columns.map((column) => (
              <th scope="col" key={column}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row) => (
            <tr key={row[0]}>
              {row.map((cell, i) =>
                i === 0 ? (
                  <th scope="row" key={i}>
                    {rich(cell)}
                  </th>
                ) : (
                  <td key={i} data-column={table.columns[i]}>
                    <span>{rich(cell)}</span>
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
