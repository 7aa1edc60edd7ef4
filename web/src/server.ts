// The server's addresses. Each method is one of them.
import type {
  Answer,
  Fault,
  Frame,
  Inspected,
  Lang,
  Lever,
  Meta,
  Neighbourhood,
  Policy,
  Progress,
  Question,
  Stored,
} from "./contract";
import { movesOnly } from "./policy";
import { Refused, type Source } from "./source";
import { wordText } from "./text";

export interface Listener {
  answer(answer: Answer): void;
  progress(progress: Progress): void;
  done(): void;
  fault(fault: Fault): void;
  lost(): void; // the connection broke, or was refused
}

export class Server implements Source {
  readonly server = this;

  private constructor(readonly meta: Meta) {}

  static async open(): Promise<Server> {
    const response = await fetch("/api/meta");
    if (!response.ok) throw new Error(`status ${response.status}`);
    return new Server((await response.json()) as Meta);
  }

  async stored(question: Question, signal: AbortSignal): Promise<Stored> {
    return (await this.post("/api/stored", question, signal)).json();
  }

  /** The server stores each lever alone: beside another change its values are not. */
  holds(_base: Policy, policy: Policy, lever: Lever): boolean {
    return movesOnly(policy, lever, this.meta);
  }

  /** Run the question live; the function that is returned ends the run. */
  live(question: Question, to: Listener): () => void {
    const stream = new EventSource(`/api/live?q=${encoded(question)}`);
    const on = (name: string, act: (data: string) => void) =>
      stream.addEventListener(name, (event) => act((event as MessageEvent<string>).data));
    const end = () => stream.close();
    on("answer", (data) => to.answer(JSON.parse(data)));
    on("progress", (data) => to.progress(JSON.parse(data)));
    on("done", () => (end(), to.done()));
    on("fault", (data) => (end(), to.fault(JSON.parse(data))));
    stream.onerror = () => (end(), to.lost()); // by itself it would connect again, and begin a second run
    return end;
  }

  async yaml(policy: Policy): Promise<string> {
    return (await this.post("/api/yaml", policy)).text();
  }

  async policy(file: string): Promise<Policy> {
    const { policy } = (await (await this.postText("/api/policy", file)).json()) as { policy: Policy };
    return policy;
  }

  async table(question: Question): Promise<string> {
    return (await this.postText(`/api/table?q=${encoded(question)}`, "")).text();
  }

  /** The address of the brief: a form sends it, so that the sheet opens in a window of its own, under its own rules. */
  brief(question: Question, lang: Lang): string {
    return `/api/brief?lang=${lang}&q=${encoded(question)}`;
  }

  async watch(policy: Policy, replication: number): Promise<{ id: string; frame: Frame }> {
    return (await this.post("/api/watch", { policy, replication })).json();
  }

  async step(id: string, weeks: number): Promise<Frame> {
    return (await this.post(`/api/watch/${id}/step`, { weeks })).json();
  }

  async neighbourhood(id: string, place: number): Promise<Neighbourhood> {
    return (await this.get(`/api/watch/${id}/neighbourhood/${place}`)).json();
  }

  async agent(id: string, kind: string, which: number): Promise<Inspected> {
    return (await this.get(`/api/watch/${id}/agent/${kind}/${which}`)).json();
  }

  private get(address: string): Promise<Response> {
    return checked(fetch(address));
  }

  private post(address: string, data: unknown, signal: AbortSignal | null = null): Promise<Response> {
    const headers = { "content-type": "application/json" };
    return checked(fetch(address, { method: "POST", body: JSON.stringify(data), signal, headers }));
  }

  private postText(address: string, body: string): Promise<Response> {
    return checked(fetch(address, { method: "POST", body, headers: { "content-type": "text/plain; charset=utf-8" } }));
  }
}

function encoded(question: Question): string {
  return encodeURIComponent(JSON.stringify(question));
}

/** An answer of the server that is none becomes an error that can be shown. */
async function checked(request: Promise<Response>): Promise<Response> {
  let response: Response;
  try {
    response = await request;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Refused(wordText("fault.no_server"));
  }
  if (response.ok) return response;
  const fault = await response.json().then(
    (body: Partial<Fault>) => body.fault,
    () => undefined,
  );
  throw new Refused(fault ?? wordText("fault.status", { status: response.status }));
}
