/** A value as the JSON that it is sent as: nobody has to write it down again. */
export class JsonText {
  constructor(readonly json: string) {}

  parse(): unknown {
    return JSON.parse(this.json);
  }
}
