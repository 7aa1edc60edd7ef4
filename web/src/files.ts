// Files that the user takes along.
export interface Table {
  columns: string[];
  rows: string[][]; // as shown
}

export function save(name: string, type: string, content: string): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** A table as CSV with Latin digits and plain minus signs, whatever the language shown; spreadsheets need the mark. */
export function saveTable(name: string, table: Table): void {
  const rows = table.rows.map((row) => row.map(latin));
  const lines = [table.columns, ...rows].map((row) => row.map(quoted).join(","));
  save(`${name}.csv`, "text/csv;charset=utf-8", `\ufeff${lines.join("\r\n")}\r\n`);
}

/** A cell that begins like a formula is kept from being one. */
function quoted(cell: string): string {
  const safe = /^[=@\t\r]|^[+-](?![\d.])/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

function latin(text: string): string {
  return text
    .replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))
    .replace(/٫/g, ".")
    .replace(/٬/g, "")
    .replace(/−/g, "-")
    .replace(/[\u200e\u200f\u2066-\u2069]/g, ""); // marks of direction make numbers texts
}
