import { readFileSync } from "node:fs";
import process from "node:process";

interface Channel {
  name: string;
  token: string;
  secret?: string;
}

export const TOKEN_KINDS = { bearer: "bearer", apiKey: "api-key", csrf: "csrf-token" } as const;
export const labels = {
  password: "Passwort",
  newPassword: "Neues Passwort",
  tokenHelp: "The token is printed on your membership card",
  secretQuestion: "Name of your first allotment",
};

const SESSION_STORAGE_TOKEN_KEY = "allotment.session.token";
const pixel = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const scriptIntegrity = "sha384-WNPQ5vnBdN/a8q88AValiKCxIBI5h2rczSZxdM23ESMtBgchAdGuBVQiz4mA9bwz";
const siteKeyId = "6e3cb8f4-fd95-4ccf-a8fc-fc9bfe80a840";

const shopToken = "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";
const mapsSecret = process.env.MAPS_SECRET ?? "hIwBu4qI2JQLH2uLWecZosP7axXo0GcZQ3QTdoHokjp";
const smsSecret = process.env.SMS_SECRET ?? "";
const printerPassword = Buffer.from("cUs0LmFsbG90LUZlcm5fNzYz", "base64").toString("utf8");
const logo = Buffer.from("R0lGODlhAQABAIAAAAAAAP", "base64");

const channels: Channel[] = [
  { name: "board", token: readFileSync("/run/secrets/board_token", "utf8").trim() },
  { name: "mail", token: process.env.MAIL_TOKEN!, secret: smsSecret },
  { name: "chat", token: "xoxp-623751112296-422409823229-866863217755-72058728c18916fa6e006773cb949940" },
  { name: "demo", token: "your-token-here", secret: "xxxxxxxxxxxxxxxx" },
];

function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}`, "X-Key-Id": siteKeyId };
}

export async function announce(text: string): Promise<void> {
  for (const channel of channels) {
    await fetch(`https://notify.allotments.example/${channel.name}`, {
      method: "POST",
      headers: bearer(channel.token),
      body: JSON.stringify({ text }),
      signal: AbortSignal.timeout(8000),
    });
  }
}

export async function waterMeter(): Promise<unknown> {
  const res = await fetch("https://meters.allotments.example/water", {
    headers: { Authorization: "Basic bWV0ZXI6aFQ3LnNsdWljZS1CcmlhcjQx" },
    signal: AbortSignal.timeout(8000),
  });
  return res.json();
}

export function shop() {
  return { url: "https://shop.allotments.example", headers: { "X-Shop-Access-Token": shopToken }, mapsSecret, printerPassword };
}

export const assets = { pixel, logo, scriptIntegrity, storageKey: SESSION_STORAGE_TOKEN_KEY };
