import { afterEach, describe, expect, it } from "vitest";
import { meant, rememberDevice, rememberedDevice } from "./devices";

const desk = { deviceId: "d1", groupId: "g1", label: "Desk" };
const headset = { deviceId: "d2", groupId: "g2", label: "Headset" };

afterEach(() => localStorage.clear());

describe("the device that was meant", () => {
  it("is the very same where it is there", () => {
    expect(meant([headset, desk], { ...headset, deviceId: "d1" })).toBe(desk);
  });

  it("is the one of that name where the browser names it anew", () => {
    expect(meant([desk, headset], { ...headset, deviceId: "new" })).toBe(headset);
  });

  it("is the one in the same housing where its name is not known", () => {
    expect(meant([desk, headset], { deviceId: "new", groupId: "g2", label: "" })).toBe(headset);
  });

  it("is nobody's guess where it is gone, or none was chosen", () => {
    expect(meant([desk], headset)).toBeNull();
    expect(meant([{ deviceId: "x", groupId: "", label: "" }], { deviceId: "y", groupId: "", label: "" })).toBeNull();
    expect(meant([desk], null)).toBeNull();
  });
});

describe("a remembered device", () => {
  it("belongs to one account and one kind", () => {
    rememberDevice("microphone", "maya", desk);
    expect(rememberedDevice("microphone", "maya")).toEqual(desk);
    expect(rememberedDevice("microphone", "ben")).toBeNull();
    expect(rememberedDevice("loudspeaker", "maya")).toBeNull();
  });

  it("is none where something else lies in its place", () => {
    for (const found of ["", "{", "null", '{"deviceId":1}']) {
      localStorage.setItem("vivavoce.microphone.maya", found);
      expect(rememberedDevice("microphone", "maya")).toBeNull();
    }
  });
});
